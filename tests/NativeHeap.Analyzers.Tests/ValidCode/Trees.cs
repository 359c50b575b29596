// Linked structures by raw pointers: lists, trees, hash tables, with every object freed once.
#nullable enable

namespace Valid.Trees
{
    [NativeAllocated]
    public unsafe partial struct Node
    {
        public Node* Left;
        public Node* Right;
        public Node* Parent;
        public int Key;
        public int Height;
    }

    [NativeAllocated]
    public unsafe partial struct Entry
    {
        public Entry* Next;
        public ulong Key;
        public ulong Value;
    }

    public unsafe struct IntList
    {
        public Entry* Head;

        public void Push(ulong value)
        {
            Entry* entry = Entry.Alloc();
            entry->Value = value;
            entry->Next = Head;
            Head = entry;
        }

        public bool TryPop(out ulong value)
        {
            Entry* entry = Head;
            if (entry == null)
            {
                value = 0;
                return false;
            }

            value = entry->Value;
            Head = entry->Next;
            Entry.Free(entry);
            return true;
        }

        public void Reverse()
        {
            Entry* reversed = null;
            for (Entry* entry = Head; entry != null;)
            {
                Entry* next = entry->Next;
                entry->Next = reversed;
                reversed = entry;
                entry = next;
            }

            Head = reversed;
        }

        public int RemoveAll(ulong value)
        {
            int removed = 0;
            fixed (Entry** first = &Head)
            {
                Entry** link = first;
                while (*link != null)
                {
                    Entry* entry = *link;
                    if (entry->Value != value)
                    {
                        link = &entry->Next;
                        continue;
                    }

                    *link = entry->Next;
                    Entry.Free(entry);
                    removed++;
                }
            }

            return removed;
        }

        public void RemoveAfter(Entry* previous)
        {
            Entry* removed = previous->Next;
            if (removed != null)
            {
                previous->Next = removed->Next;
                Entry.Free(removed);
            }
        }

        public static Entry* Merge(Entry* left, Entry* right)
        {
            Entry* head = null;
            Entry* tail = null;
            while (left != null || right != null)
            {
                Entry* next;
                if (right == null || (left != null && left->Value <= right->Value))
                {
                    next = left;
                    left = left->Next;
                }
                else
                {
                    next = right;
                    right = right->Next;
                }

                if (tail == null)
                {
                    head = next;
                }
                else
                {
                    tail->Next = next;
                }

                tail = next;
            }

            if (tail != null)
            {
                tail->Next = null;
            }

            return head;
        }

        public static Entry* Copy(Entry* from)
        {
            Entry* head = null;
            Entry** link = &head;
            for (; from != null; from = from->Next)
            {
                Entry* copy = Entry.Alloc(in *from);
                copy->Next = null;
                *link = copy;
                link = &copy->Next;
            }

            return head;
        }
    }

    public sealed unsafe class HashTable : IDisposable
    {
        private Entry** _buckets = (Entry**)HeapMemory.AllocZeroed(64 * (nuint)sizeof(Entry*));
        private int _size = 64;
        private int _count;

        public void Set(ulong key, ulong value)
        {
            Entry** bucket = &_buckets[key & (uint)(_size - 1)];
            for (Entry* entry = *bucket; entry != null; entry = entry->Next)
            {
                if (entry->Key == key)
                {
                    entry->Value = value;
                    return;
                }
            }

            Entry* added = Entry.Alloc();
            *added = new Entry { Key = key, Value = value, Next = *bucket };
            *bucket = added;
            if (++_count > _size)
            {
                Grow();
            }
        }

        public bool Remove(ulong key)
        {
            Entry* previous = null;
            for (Entry* entry = _buckets[key & (uint)(_size - 1)]; entry != null; previous = entry, entry = entry->Next)
            {
                if (entry->Key != key)
                {
                    continue;
                }

                if (previous == null)
                {
                    _buckets[key & (uint)(_size - 1)] = entry->Next;
                }
                else
                {
                    previous->Next = entry->Next;
                }

                Entry.Free(entry);
                _count--;
                return true;
            }

            return false;
        }

        public void Dispose()
        {
            for (int i = 0; i < _size; i++)
            {
                Entry* entry = _buckets[i];
                while (entry != null)
                {
                    Entry* next = entry->Next;
                    Entry.Free(entry);
                    entry = next;
                }
            }

            HeapMemory.Free(_buckets);
            _buckets = null;
        }

        private void Grow()
        {
            int size = 2 * _size;
            Entry** buckets = (Entry**)HeapMemory.AllocZeroed((nuint)size * (nuint)sizeof(Entry*));
            for (int i = 0; i < _size; i++)
            {
                for (Entry* entry = _buckets[i]; entry != null;)
                {
                    Entry* next = entry->Next;
                    Entry** bucket = buckets + (entry->Key & (uint)(size - 1));
                    entry->Next = *bucket;
                    *bucket = entry;
                    entry = next;
                }
            }

            HeapMemory.Free(_buckets);
            _buckets = buckets;
            _size = size;
        }
    }

    public static unsafe class Tree
    {
        public static Node* Insert(Node* node, int key)
        {
            if (node == null)
            {
                Node* made = Node.AllocZeroed();
                made->Key = key;
                return made;
            }

            if (key < node->Key)
            {
                node->Left = Insert(node->Left, key);
                node->Left->Parent = node;
            }
            else if (key > node->Key)
            {
                node->Right = Insert(node->Right, key);
                node->Right->Parent = node;
            }

            return node;
        }

        public static Node* Delete(Node* node, int key)
        {
            if (node == null)
            {
                return null;
            }

            if (key < node->Key)
            {
                node->Left = Delete(node->Left, key);
                return node;
            }

            if (key > node->Key)
            {
                node->Right = Delete(node->Right, key);
                return node;
            }

            if (node->Left == null || node->Right == null)
            {
                Node* child = node->Left != null ? node->Left : node->Right;
                Node.Free(node);
                return child;
            }

            Node* next = node->Right;
            while (next->Left != null)
            {
                next = next->Left;
            }

            node->Key = next->Key;
            node->Right = Delete(node->Right, next->Key);
            return node;
        }

        public static void FreeByStack(Node* root)
        {
            Stack<NativePointer<Node>> open = new();
            if (root != null)
            {
                open.Push(root);
            }

            while (open.TryPop(out NativePointer<Node> node))
            {
                if (node.Value.Left != null)
                {
                    open.Push(node.Value.Left);
                }

                if (node.Value.Right != null)
                {
                    open.Push(node.Value.Right);
                }

                Node.Free(node);
            }
        }

        public static void FreeByParents(Node* node)
        {
            while (node != null)
            {
                if (node->Left != null)
                {
                    Node* left = node->Left;
                    node->Left = null;
                    node = left;
                }
                else if (node->Right != null)
                {
                    Node* right = node->Right;
                    node->Right = null;
                    node = right;
                }
                else
                {
                    Node* parent = node->Parent;
                    Node.Free(node);
                    node = parent;
                }
            }
        }

        public static Node* Find(Node* root, int key)
        {
            Node* node = root;
            while (node != null && node->Key != key)
            {
                node = key < node->Key ? node->Left : node->Right;
            }

            return node;
        }
    }
}
