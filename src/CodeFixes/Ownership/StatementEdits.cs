// Changes of statements and of expressions within them, made in one walk over the tree, so that changes inside of changed nodes are kept. A statement may become several, or none; where the language wants
// exactly one (the body of an if, of a loop) a block is put around them.

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace NativeHeap.CodeFixes.Ownership;

internal sealed class StatementEdits : CSharpSyntaxRewriter
{
    private readonly Dictionary<SyntaxNode, Func<SyntaxNode, SyntaxNode>> _nodes = [];
    private readonly Dictionary<StatementSyntax, Func<StatementSyntax, IEnumerable<StatementSyntax>>> _statements = [];

    /// <summary>A new statement, to be formatted and simplified where it comes to stand.</summary>
    public static StatementSyntax New(string text)
        => SyntaxFactory.ParseStatement(text)
            .WithLeadingTrivia(SyntaxFactory.ElasticMarker)
            .WithTrailingTrivia(SyntaxFactory.ElasticMarker)
            .WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);

    public void Replace(SyntaxNode node, Func<SyntaxNode, SyntaxNode> change) => _nodes[node] = change;

    public void Replace(StatementSyntax statement, Func<StatementSyntax, IEnumerable<StatementSyntax>> change) => _statements[statement] = change;

    public void Remove(StatementSyntax statement) => _statements[statement] = static _ => [];

    /// <summary>Puts a statement before another. What stands before that one, comments and empty lines, stands before both.</summary>
    public void InsertBefore(StatementSyntax statement, StatementSyntax added)
        => Replace(statement, s => [added.WithLeadingTrivia(s.GetLeadingTrivia()), s.WithLeadingTrivia(SyntaxFactory.ElasticMarker).WithAdditionalAnnotations(Formatter.Annotation)]);

    /// <summary>Puts a statement after another.</summary>
    public void InsertAfter(StatementSyntax statement, StatementSyntax added) => Replace(statement, s => [s, added]);

    /// <summary>The tree with the changes made.</summary>
    public SyntaxNode In(SyntaxNode root) => Visit(root)!;

    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        SyntaxNode? visited = base.Visit(node);
        if (node is null || visited is null)
        {
            return visited;
        }

        if (_nodes.TryGetValue(node, out Func<SyntaxNode, SyntaxNode>? change))
        {
            visited = change(visited);
        }

        bool isAlone = node is StatementSyntax && node.Parent is not (BlockSyntax or SwitchSectionSyntax);
        return isAlone && _statements.TryGetValue((StatementSyntax)node, out Func<StatementSyntax, IEnumerable<StatementSyntax>>? split)
            ? Together(split((StatementSyntax)visited))
            : visited;
    }

    /// <summary>The statements among which one stands; empty where it stands alone.</summary>
    public static SyntaxList<StatementSyntax> ListOf(StatementSyntax statement) => statement.Parent switch
    {
        BlockSyntax block => block.Statements,
        SwitchSectionSyntax section => section.Statements,
        _ => default,
    };

    public override SyntaxNode? VisitBlock(BlockSyntax node)
    {
        SyntaxList<StatementSyntax> statements = Expand(node.Statements, out SyntaxTriviaList left);
        bool hasComment = left.Any(static t => !t.IsKind(SyntaxKind.WhitespaceTrivia) && !t.IsKind(SyntaxKind.EndOfLineTrivia));
        return node.WithStatements(statements).WithCloseBraceToken(hasComment ? node.CloseBraceToken.WithLeadingTrivia(left.Concat(node.CloseBraceToken.LeadingTrivia)) : node.CloseBraceToken);
    }

    public override SyntaxNode? VisitSwitchSection(SwitchSectionSyntax node) => node.WithStatements(Expand(node.Statements, out _));

    // What stands before a statement that goes, comments and empty lines, stands before the next one then.
    private SyntaxList<StatementSyntax> Expand(SyntaxList<StatementSyntax> statements, out SyntaxTriviaList left)
    {
        List<StatementSyntax> expanded = [];
        left = default;
        foreach (StatementSyntax statement in statements)
        {
            var visited = (StatementSyntax)Visit(statement)!;
            if (left.Count > 0)
            {
                visited = visited.WithLeadingTrivia(left.Concat(visited.GetLeadingTrivia().SkipWhile(static t => t.IsKind(SyntaxKind.EndOfLineTrivia))));
                left = default;
            }

            int before = expanded.Count;
            expanded.AddRange(_statements.TryGetValue(statement, out Func<StatementSyntax, IEnumerable<StatementSyntax>>? split) ? split(visited) : [visited]);
            if (expanded.Count == before)
            {
                left = [.. visited.GetLeadingTrivia().Reverse().SkipWhile(static t => t.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse()];
            }
        }

        return [.. expanded];
    }

    private static StatementSyntax Together(IEnumerable<StatementSyntax> statements)
        => statements.ToList() is [var only] ? only : SyntaxFactory.Block(statements).WithAdditionalAnnotations(Formatter.Annotation);
}
