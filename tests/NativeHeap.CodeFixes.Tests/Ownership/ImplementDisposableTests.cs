using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class ImplementDisposableTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "a class without one",
            """
            public sealed unsafe class Level
            {
                private readonly Order* {|NH1016:_first|}; // ours

                public Level() => _first = Order.AllocZeroed();

                public long Price => _first->Price;
            }
            """,
            """
            public sealed unsafe class Level : IDisposable
            {
                private Order* _first; // ours

                public Level() => _first = Order.AllocZeroed();

                public long Price => _first->Price;

                public void Dispose()
                {
                    Order.Free(_first);
                    _first = null;
                }
            }
            """
        },
        {
            "a class with bases, parameters and constraints, whose members are unsafe",
            """
            public class Level<T>(int size) : IEquatable<Level<T>> // by place
                where T : unmanaged
            {
                private unsafe byte* {|NH1016:_block|} = (byte*)HeapMemory.Alloc(9);

                public unsafe byte First => _block[size];

                public bool Equals(Level<T>? other) => other == this;
                public override bool Equals(object? other) => other == this;
                public override int GetHashCode() => 0;
            }
            """,
            """
            public class Level<T>(int size) : IEquatable<Level<T>>, IDisposable // by place
                where T : unmanaged
            {
                private unsafe byte* _block = (byte*)HeapMemory.Alloc(9);

                public unsafe byte First => _block[size];

                public bool Equals(Level<T>? other) => other == this;
                public override bool Equals(object? other) => other == this;
                public override int GetHashCode() => 0;

                public unsafe void Dispose()
                {
                    HeapMemory.Free(_block);
                    _block = null;
                }
            }
            """
        },
        {
            "two fields and a Dispose that does something",
            """
            public unsafe class Level : Calls, IDisposable
            {
                private Order* {|NH1016:_first|} = Order.Alloc(), {|NH1016:_second|} = Order.Alloc();

                public void Dispose() => Work(); // first
            }
            """,
            """
            public unsafe class Level : Calls, IDisposable
            {
                private Order* _first = Order.Alloc(), _second = Order.Alloc();

                public void Dispose()
                {
                    Order.Free(_second);
                    _second = null;
                    Order.Free(_first);
                    _first = null;
                    Work();
                }
            }
            """
        },
        {
            "a Dispose that forgets",
            """
            public unsafe class Level : IDisposable
            {
                private Order* {|NH1016:_first|} = Order.Alloc();

                public void Dispose()
                {
                    // No more.
                    _first = null;
                }
            }
            """,
            """
            public unsafe class Level : IDisposable
            {
                private Order* _first = Order.Alloc();

                public void Dispose()
                {
                    Order.Free(_first);
                    // No more.
                    _first = null;
                }
            }
            """
        },
        {
            "a base class to be overridden",
            """
            public class Base : IDisposable
            {
                public void Dispose() => Dispose(true);

                protected virtual void Dispose(bool disposing) => GC.SuppressFinalize(this);
            }

            public class Level(NativeMemoryPool pool) : Base
            {
                private System.Buffers.IMemoryOwner<byte>? {|NH1016:_buffer|};

                public int Length => _buffer!.Memory.Length;

                public void Fill()
                {
                    _buffer = pool.Rent(9);
                    _buffer.Memory.Span.Clear();
                }
            }
            """,
            """
            public class Base : IDisposable
            {
                public void Dispose() => Dispose(true);

                protected virtual void Dispose(bool disposing) => GC.SuppressFinalize(this);
            }

            public class Level(NativeMemoryPool pool) : Base
            {
                private System.Buffers.IMemoryOwner<byte>? _buffer;

                public int Length => _buffer!.Memory.Length;

                public void Fill()
                {
                    _buffer = pool.Rent(9);
                    _buffer.Memory.Span.Clear();
                }

                protected override void Dispose(bool disposing)
                {
                    if (disposing)
                    {
                        _buffer?.Dispose();
                        _buffer = null;
                    }

                    base.Dispose(disposing);
                }
            }
            """
        },
        {
            "a Dispose(bool) of its own",
            """
            public class Level(NativeMemoryPool pool) : IDisposable
            {
                private System.Buffers.IMemoryOwner<byte> {|NH1016:_buffer|} = pool.Rent(9);

                public void Dispose() => Dispose(true);

                protected virtual void Dispose(bool disposing)
                {
                    GC.SuppressFinalize(this);
                }
            }
            """,
            """
            public class Level(NativeMemoryPool pool) : IDisposable
            {
                private System.Buffers.IMemoryOwner<byte> _buffer = pool.Rent(9);

                public void Dispose() => Dispose(true);

                protected virtual void Dispose(bool disposing)
                {
                    if (disposing)
                    {
                        _buffer.Dispose();
                    }

                    GC.SuppressFinalize(this);
                }
            }
            """
        },
        {
            "two, of a class without one",
            """
            public unsafe class Level
            {
                private NativePointer<Order> {|NH1016:_order|} = Order.Alloc();
                private Node* {|NH1016:_node|} = Node.Make();
            }
            """,
            """
            public unsafe class Level : IDisposable
            {
                private NativePointer<Order> _order = Order.Alloc();
                private Node* _node = Node.Make();

                public void Dispose()
                {
                    Node.End(_node);
                    _node = null;
                    Order.Free(_order);
                    _order = default;
                }
            }
            """
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "a base class that cannot be overridden", "public class Base : IDisposable { public void Dispose() { } } public unsafe class Level : Base { private Order* {|NH1016:_first|} = Order.Alloc(); }" },
        { "an explicit implementation", "public unsafe class Level : IDisposable { private Order* {|NH1016:_first|} = Order.Alloc(); void IDisposable.Dispose() { } }" },
        { "an abstract Dispose", "public abstract unsafe class Level : IDisposable { private Order* {|NH1016:_first|} = Order.Alloc(); public abstract void Dispose(); }" },
        { "filled in two ways", "public unsafe class Level { private void* {|NH1016:_first|} = Order.Alloc(); public void M() { if (_first == null) { _first = HeapMemory.Alloc(9); } } }" },
        { "filled with what may be lent", "public unsafe class Level { private Order* {|NH1016:_first|}; public void M(Order* other) { if (_first == null) { _first = other; } _first = Order.Alloc(); } }" },
        { "nobody knows how", "public unsafe struct S { [return: Owned] public static S* Make() => null; } public unsafe class Level { private S* {|NH1016:_first|} = S.Make(); }" },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new ImplementDisposableFix(), Cases.Select(static c => c.Data), Snippet.Types);

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new ImplementDisposableFix(), NotOffered.Select(static c => c.Data), Snippet.Types);
}
